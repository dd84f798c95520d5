type Awaitables = readonly (PromiseLike<unknown> | undefined)[];
type Answers<P extends Awaitables> = { -readonly [K in keyof P]: Awaited<P[K]> };

/**
 * Has statements of one transaction travel together. Waits for all of them also where one fails, so that
 * nothing is under way any more when the transaction is taken back; throws what failed first.
 */
export async function together<const P extends Awaitables>(promises: P): Promise<Answers<P>> {
  const failures: unknown[] = [];
  const answers = promises.map(async (each) => {
    try {
      return await each;
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  });
  const all = await Promise.all(answers);
  if (failures.length > 0) throw failures[0];
  return all as Answers<P>;
}
