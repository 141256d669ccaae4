import { type CallOptions, send } from '../api/client.ts';
import { confirm } from './dialog.tsx';
import { toastDone, toastProblem } from './toasts.tsx';

/** Does something small at once and says that it is done, or why it is not. False when it is not. */
export async function act(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  { done, ...options }: CallOptions & { done: string },
): Promise<boolean> {
  const result = await send(method, path, options);
  if (result.ok) toastDone(done);
  else toastProblem(result.problem);
  return result.ok;
}

/** The same, after the reader has said that what is lost may be lost. */
export async function actIfSure(
  question: { title: string; text: string; action: string },
  ...call: Parameters<typeof act>
): Promise<boolean> {
  return (await confirm({ ...question, danger: true })) && (await act(...call));
}
