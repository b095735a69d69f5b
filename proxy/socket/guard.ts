import { errorOf } from '../../runtime/reason.ts';

/** Calls back: a defect in one connection's handling costs that connection, never the process. */
export function guard(connection: { destroy(error: Error): void }, call: () => void): void {
  try {
    call();
  } catch (error) {
    connection.destroy(errorOf(error));
  }
}
