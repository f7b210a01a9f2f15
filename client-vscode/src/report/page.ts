const HEAD = /^<!doctype html>\s*<html[^<>]*><head>(?:<meta charset="utf-8">)?<meta ([^<>]*)>/i;
const IS_POLICY = /\bhttp-equiv="Content-Security-Policy"/i;
const POLICY = /\bcontent="default-src 'none';([^"<>]*)"/i;

/** Returns whether a page's first element is a policy that blocks scripts and remote content. */
export function forbidsScripts(html: string): boolean {
  const meta = HEAD.exec(html)?.[1] ?? "";
  const policy = POLICY.exec(meta)?.[1];
  return IS_POLICY.test(meta) && policy !== undefined && !/script|https?:|\*/i.test(policy);
}
