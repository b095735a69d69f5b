/** Prints what a load came to, and ends its program. */
export function finish(said: string): never {
  console.log(said);
  process.exit(0);
}

/** Tells what went wrong with a load, and ends its program. */
export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
