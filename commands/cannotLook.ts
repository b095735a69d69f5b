/** Nothing could be found out, and why; its message says what to do. The command ends with exit code 2. */
export class CannotLook extends Error {
  override readonly name = 'CannotLook';
}
