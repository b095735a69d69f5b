/** Whether a text can be the name of a header or a method: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
export function isToken(text: string): boolean {
  return token.test(text);
}

const token = /^[\w!#$%&'*+.^`|~-]+$/;
