const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const outsideAscii = /[^\0-\x7f]/;

/**
 * What a text of the configuration is on the wire: its UTF-8 bytes, as the latin1 text in which codecs keep and compare a
 * message. To be done once, when a routing is compiled.
 */
export function wireText(text: string): string {
  if (!outsideAscii.test(text)) return text;
  return Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join('');
}

/** The other way round, for what is matched by its characters; bytes that are no UTF-8 become U+FFFD. */
export function textOfWire(latin1: string): string {
  if (!outsideAscii.test(latin1)) return latin1;
  return decoder.decode(Uint8Array.from(latin1, (character) => character.charCodeAt(0)));
}
