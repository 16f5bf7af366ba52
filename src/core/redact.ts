/**
 * Takes the secrets out of a text that may hold URLs: `postgres://me:secret@db/shop` → `postgres://me:***@db/shop`.
 * Passwords of database URLs may hold any character but white space; when in doubt too much is taken out. In `https://me:secret@host` the user may be the secret.
 */
export function redact(text: string): string {
  return text
    .replace(/\b((?:postgres(?:ql)?|mysql|mariadb):\/\/[^\s:@/]*):\S*@/gi, '$1:***@')
    .replace(/\b(https?:\/\/)[^\s/?#]*@/gi, '$1***@')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/?#]*):[^\s/?#]*@/gi, '$1:***@')
    .replace(
      /([?&](?:(?:ssl)?password|passwd|pwd|secret|client_secret|token|[a-z]+_token|auth|(?:api_?|access_?)?key|sig|signature|x-amz-[a-z-]+)=)[^&#\s]+/gi,
      '$1***',
    );
}

/** Whether {@link redact} would take something out. */
export function hasSecret(text: string): boolean {
  return redact(text) !== text;
}
