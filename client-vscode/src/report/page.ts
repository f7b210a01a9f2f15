const HEAD = /^<!doctype html>\s*<html[^<>]*><head>(?:<meta charset="utf-8">)?<meta ([^<>]*)>/i;
const IS_POLICY = /\bhttp-equiv="Content-Security-Policy"/i;
const POLICY = /\bcontent="default-src 'none';([^"<>]*)"/i;

/** Whether a page forbids, before anything else stands in it, scripts and all that would have to be fetched. */
export function forbidsScripts(html: string): boolean {
  const meta = HEAD.exec(html)?.[1] ?? "";
  const policy = POLICY.exec(meta)?.[1];
  return IS_POLICY.test(meta) && policy !== undefined && !/script|https?:|\*/i.test(policy);
}
