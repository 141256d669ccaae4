/** Whether what runs now was set going for many at once; all of them have their turn before the next tick. */
let together = false;

/**
 * Resolves when all who ask at this moment have asked: requests whose bytes have arrived, or those that go on together
 * after something was done for all of them. These would wait a turn of the event loop for nobody.
 */
export function moment(): Promise<void> {
  return new Promise((resolve) => {
    if (together) process.nextTick(resolve);
    else setImmediate(resolve);
  });
}

/** Call before the promises of many are settled at once: they go on together. */
export function goOnTogether(): void {
  together = true;
  process.nextTick(() => {
    together = false;
  });
}
