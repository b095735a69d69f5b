// Character tables for latin1 text (RFC 9110 section 5.6.2, 5.5). Index 256 and above never occurs: NaN reads undefined.

/** tchar: what a method or a field name is made of. */
export const isToken = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  isToken[character.charCodeAt(0)] = 1;
}

/** What may stand in a field value: HTAB, SP, visible ASCII, obs-text. */
export const isValue = new Uint8Array(256).fill(1);
isValue.fill(0, 0, 32);
isValue[9] = 1;
isValue[127] = 0;

/** What may stand in a request target: visible ASCII without `#`. */
export const isTarget = new Uint8Array(256);
isTarget.fill(1, 33, 127);
isTarget[35] = 0;

/** What may stand in Host: reg-name, IP literals and port (RFC 3986 section 3.2.2). */
export const isHost = new Uint8Array(256);
for (const character of "-._~%!$&'()*+,;=:[]0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  isHost[character.charCodeAt(0)] = 1;
}
