import { effect, type Signal, signal } from '@preact/signals';

/** A choice of the reader that this browser remembers; one of `values`, the first until they choose. */
export function stored<T extends string>(name: string, values: readonly [T, ...T[]]): Signal<T> {
  const key = `teaspoon.log.${name}`;
  const before = localStorage.getItem(key);
  const choice = signal(values.find((value) => value === before) ?? values[0]);
  effect(() => localStorage.setItem(key, choice.value));
  return choice;
}
