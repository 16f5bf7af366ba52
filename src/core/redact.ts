/**
 * Takes the secrets out of a text that may hold URLs: `postgres://me:secret@db/shop` → `postgres://me:***@db/shop`.
 * Passwords of database URLs may hold any character but white space; when in doubt too much is taken out.
 */
export function redact(text: string): string {
  return text
    .replace(/\b((?:postgres(?:ql)?|mysql|mariadb):\/\/[^\s:@/]*):\S*@/gi, '$1:***@')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/?#]*):[^\s/?#]*@/gi, '$1:***@')
    .replace(
      /([?&](?:ssl)?(?:password|passwd|pwd|secret|token|access_token|auth|api_?key)=)[^&#\s]+/gi,
      '$1***',
    );
}

/** Whether {@link redact} would take something out. */
export function hasSecret(text: string): boolean {
  return redact(text) !== text;
}
