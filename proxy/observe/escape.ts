const needsEscape = /[^ !#-[\]-~]/;
const notAscii = /[\u007f-\uffff]/g;

/**
 * The text as a JSON string in quotes, all ASCII. Control characters never come through as they are, so that nothing in a
 * request can start a new line or a terminal sequence.
 */
export function quoted(text: string): string {
  return needsEscape.test(text) ? quotedSlowly(text) : `"${text}"`;
}

function quotedSlowly(text: string): string {
  return JSON.stringify(text).replace(
    notAscii,
    (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same ASCII text as one piece: a string put together by `+` is walked through again by every line that it goes into. */
export function inOnePiece(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

const maxPathLength = 2048;
const maxMethodLength = 64;
const cutMarker = '...[cut]';

/** A method in quotes, cut to 64 characters with a marker. */
export function quotedMethod(method: string): string {
  return quoted(method.length <= maxMethodLength ? method : method.slice(0, maxMethodLength) + cutMarker);
}

/** The path of a request target without its query, in quotes, cut to 2 KiB with a marker. */
export function quotedPath(target: string): string {
  const query = target.indexOf('?');
  const end = query === -1 ? target.length : query;
  if (end > maxPathLength) return quoted(target.slice(0, maxPathLength) + cutMarker);
  return quoted(query === -1 ? target : target.slice(0, end));
}
