/** So much may wait before those who yield are held back. */
const maximumWaiting = 1000;

/** All values of several iterables as they come, in the order of each; ends when all have ended. */
export async function* merge<T>(iterables: readonly AsyncIterable<T>[]): AsyncGenerator<T, void> {
  const state = { waiting: [] as T[], running: iterables.length };
  let news = Promise.withResolvers<void>();
  let room = Promise.withResolvers<void>();
  const pump = async (iterable: AsyncIterable<T>): Promise<void> => {
    try {
      for await (const value of iterable) {
        state.waiting.push(value);
        news.resolve();
        if (state.waiting.length >= maximumWaiting) await room.promise;
      }
    } finally {
      state.running -= 1;
      news.resolve();
    }
  };
  const pumps = Promise.all(iterables.map(pump));
  while (state.running > 0 || state.waiting.length > 0) {
    await news.promise;
    news = Promise.withResolvers();
    yield* state.waiting.splice(0);
    room.resolve();
    room = Promise.withResolvers();
  }
  await pumps;
}
