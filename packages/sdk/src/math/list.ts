/** `items[i]`, which is there. */
export function at<T>(items: readonly T[], i: number): T {
  const item = items[i];
  if (item === undefined) throw new Error(`${i} is not one of ${items.length}`);
  return item;
}
