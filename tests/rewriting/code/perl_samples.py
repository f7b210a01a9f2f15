from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_PROGRAM = r"""
use strict;
use warnings;
use utf8;
use Digest::SHA qw(sha256_hex);
use Encode qw(encode_utf8);
use constant KEY => 'T0K';

sub show { print sha256_hex(encode_utf8("$_")), "\n" for @_; }

sub key {
    my ($kind) = @_;
    return 'x T0K' if $kind eq 'T0K';
    return "none";
}

my $name = 'n';
my %table = (key => 'T0K', 'T0K' => 1, list => ['a', "T0K"]);
my ($single, $double) = ('é T0K:T0K\n', "$name\tT0K $table{key} T0K\n");
my ($bare, $long) = (q{x T0K}, qq(y $name T0K));
my $here = <<"TEXT" . <<OTHER . "T0K";
a \$ T0K $name
TEXT
T0K
OTHER
show(KEY, $table{key}, $table{list}[1], $table{'T0K'}, $single, $double, $bare, $long, $here, key('T0K'));
$ENV{API_KEY} = 'T0K';
show('a' . 'T0K' . "b", length 'T0K', $ENV{API_KEY} || 'T0K', $ENV{'NONE'} // "T0K", map { 'T0K' } 1);
show 'a T0K', 'b';
show 'a T0K' . $name;
"""

PERL = Samples(
    language="perl",
    file="main.pl",
    lookup="$ENV{NAME}",
    moved=[
        ("$ENV{OTHER} = 'T0K';", "$ENV{OTHER} = E;"),
        ("$ENV{API_KEY} = 'T0K';", "$ENV{API_KEY} = E;"),
        ("$ENV{'API_KEY'} ||= 'T0K';", "$ENV{'API_KEY'} ||= E;"),
        ("local %ENV = (API_KEY => 'T0K');", "local %ENV = (API_KEY => E);"),
        ("my $k = 'T0K'; # T0K", "my $k = E; # R"),
        ('my $k = "a $b T0K\\n";', 'my $k = "a $b E\\n";'),
        ("my $k = 'a T0K';", "my $k = ('a ' . E);"),
        ("my $k = q{a T0K};", "my $k = (q{a } . E);"),
        ("my $k = q(T0K);", "my $k = E;"),
        ("my $k = qq{a T0K};", "my $k = (qq{a } . E);"),
        ("my $k = qq|a T0K|;", "my $k = qq|a E|;"),
        ("f('T0K', key => 'a T0K');", "f(E, key => ('a ' . E));"),
        ("print 'a T0K', 'b T0K';", "print 'a ' . E, ('b ' . E);"),
        ("my %h = (a => 'T0K', 'T0K' => { b => ['T0K'] });", "my %h = (a => E, E => { b => [E] });"),
        ("use constant KEY => 'T0K';", "use constant KEY => E;"),
        ("print <<X;\na T0K\nX\n", "print <<X;\na E\nX\n"),
        ("$k = $ENV{API_KEY} || 'T0K';", "$k = E;"),
        ("$k = $ENV{'API_KEY'} // \"T0K\";", "$k = E;"),
        ("$k = $ENV{OTHER} // 'T0K';", "$k = $ENV{OTHER} // E;"),
        ("=pod\n\nT0K\n\n=cut\n\n$k = 'T0K';", "=pod\n\nR\n\n=cut\n\n$k = E;"),
    ],
    refused=[
        ("my @k = qw(T0K a);", "not inside a string"),
        ("$k = `T0K`;", "not inside a string"),
        ("$k =~ /T0K/;", "not inside a string"),
        ('$k = "T0K[0]";', "before a bracket"),
        ("print <<'X';\nT0K\nX\n", "without interpolation"),
        ("$ENV{API_KEY} .= 'T0K';", "sets this variable"),
        ("print 'a T0K' x 3;", "without parentheses"),
        ("$k = 1;\n__END__\nT0K\n", "not inside a string"),
    ],
    named=[
        "my $api_key = 'T0K';",
        "our $API_KEY = 'T0K';",
        "$h->{api_key} = 'T0K';",
        "$h{'api-key'} = 'T0K';",
        "my %h = (a => 1, api_key => 'T0K');",
        "f(api_key => 'T0K');",
        "use constant API_KEY => 'T0K';",
        "my $k = $ENV{API_KEY} // 'T0K';",
    ],
    readings=["$ENV{API_KEY}", "$ENV{'API_KEY'}"],
    program=_PROGRAM,
    toolchain=Toolchain("perl", [["perl", "FILE"]]),
)
