import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Problem, Result } from '../api/client.ts';
import { ProblemNote } from './problem.tsx';
import './form.css';

type Values = Record<string, string | boolean>;

/** What a reader is writing, what was wrong with it, and how it is sent. */
export interface Form<V extends Values> {
  values: V;
  /** By field, from the last try. */
  errors: Readonly<Record<string, string>>;
  /** What was wrong and belongs to no field. */
  problem: Problem | null;
  busy: boolean;
  set(changes: Partial<V>): void;
  /** Sends the values once, even if asked twice; puts what is wrong beside its field. */
  send<T>(call: (values: V) => Promise<Result<T>>, done: (value: T) => void): Promise<void>;
}

export function useForm<V extends Values>(initial: V): Form<V> {
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  return {
    values,
    errors,
    problem,
    busy,
    set: (changes) => {
      setValues((now) => ({ ...now, ...changes }));
      const touched = Object.keys(changes);
      setErrors((now) => Object.fromEntries(Object.entries(now).filter(([name]) => !touched.includes(name))));
    },
    send: async (call, done) => {
      if (busy) return;
      setBusy(true);
      const result = await call(values);
      setBusy(false);
      setErrors({});
      setProblem(null);
      if (result.ok) return done(result.value);
      const fields = Object.entries(result.problem.fields ?? {});
      const known = fields.filter(([name]) => name in values);
      setErrors(Object.fromEntries(known));
      if (known.length === 0 || known.length < fields.length) setProblem(result.problem);
      else focusFirstError();
    },
  };
}

function focusFirstError(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

interface FormViewProps<V extends Values> {
  form: Form<V>;
  /** The verb on the button. */
  submit: string;
  children: ComponentChildren;
  onSubmit(): void;
  /** There is nothing to send. */
  disabled?: boolean;
  /** Beside the button that sends. */
  beside?: ComponentChildren;
  /** The reader thinks better of it. */
  onCancel?: (() => void) | undefined;
}

export function FormView<V extends Values>({
  form,
  submit,
  children,
  onSubmit,
  disabled = false,
  beside,
  onCancel,
}: FormViewProps<V>) {
  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!disabled) onSubmit();
      }}
    >
      {form.problem === null ? null : <ProblemNote problem={form.problem} />}
      {children}
      <div class="actions">
        <button type="submit" class="primary" disabled={form.busy || disabled}>
          {submit}
        </button>
        {onCancel === undefined ? null : (
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        )}
        {beside}
      </div>
    </form>
  );
}

interface FieldProps<V extends Values> {
  form: Form<V>;
  name: keyof V & string;
  label: string;
  /** What it is for, and how it is written. */
  hint?: ComponentChildren;
}

/** Label, field, hint and error as one thing, for eyes and for readers of screens. */
function Field<V extends Values>({
  form,
  name,
  label,
  hint,
  children,
}: FieldProps<V> & { children: (attributes: Attributes) => ComponentChildren }) {
  const id = useId();
  const error = form.errors[name];
  const described = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        name,
        'aria-invalid': error !== undefined,
        'aria-describedby': described.join(' ').trim() || undefined,
      })}
      {error === undefined ? null : (
        <p class="error" id={`${id}-error`}>
          {sentence(error)}
        </p>
      )}
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface Attributes {
  id: string;
  name: string;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
}

/** "is too short" → "It is too short." */
function sentence(error: string): string {
  const said = error.trim();
  const text = /^(is|has|can|must|does|should|are)\b/.test(said) ? `It ${said}` : said;
  return /[.!?]$/.test(text) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

export function TextField<V extends Values>({
  type = 'text',
  placeholder,
  autocomplete = 'off',
  mono = false,
  choices,
  ...field
}: FieldProps<V> & {
  type?: 'text' | 'password' | 'email' | 'number' | 'date' | 'url';
  placeholder?: string;
  autocomplete?: string;
  mono?: boolean;
  /** Offered while writing. */
  choices?: readonly string[];
}) {
  const { form, name } = field;
  const list = useId();
  return (
    <Field {...field}>
      {(attributes) => (
        <>
          <input
            {...attributes}
            // Its kind is chosen by the caller, so the types that belong to single kinds do not fit.
            {...({ type } as { type: 'text' })}
            class={mono ? 'mono' : undefined}
            placeholder={placeholder}
            autocomplete={autocomplete}
            spellcheck={false}
            list={choices === undefined ? undefined : list}
            value={String(form.values[name])}
            onInput={({ currentTarget }) => form.set({ [name]: currentTarget.value } as Partial<V>)}
          />
          {choices === undefined ? null : (
            <datalist id={list}>
              {choices.map((choice) => (
                <option key={choice} value={choice} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

export function TextArea<V extends Values>({ rows = 3, ...field }: FieldProps<V> & { rows?: number }) {
  const { form, name } = field;
  return (
    <Field {...field}>
      {(attributes) => (
        <textarea
          {...attributes}
          rows={rows}
          class="mono"
          spellcheck={false}
          value={String(form.values[name])}
          onInput={({ currentTarget }) => form.set({ [name]: currentTarget.value } as Partial<V>)}
        />
      )}
    </Field>
  );
}

export function Choice<V extends Values>({
  options,
  ...field
}: FieldProps<V> & { options: readonly (readonly [value: string, text: string])[] }) {
  const { form, name } = field;
  return (
    <Field {...field}>
      {(attributes) => (
        <select
          {...attributes}
          value={String(form.values[name])}
          onChange={({ currentTarget }) => form.set({ [name]: currentTarget.value } as Partial<V>)}
        >
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Check<V extends Values>({ form, name, label, hint }: FieldProps<V>) {
  const id = useId();
  return (
    <div class="field check">
      <input
        id={id}
        name={name}
        type="checkbox"
        checked={form.values[name] === true}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={({ currentTarget }) => form.set({ [name]: currentTarget.checked } as Partial<V>)}
      />
      <label for={id}>{label}</label>
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** Several of a few, such as scopes; the values are joined by commas. */
export function CheckList<V extends Values>({
  form,
  name,
  label,
  options,
}: FieldProps<V> & { options: readonly (readonly [value: string, text: string])[] }) {
  const id = useId();
  const chosen = String(form.values[name])
    .split(',')
    .filter((value) => value !== '');
  const toggle = (value: string, on: boolean) => {
    const next = on ? [...chosen, value] : chosen.filter((one) => one !== value);
    form.set({ [name]: next.join(',') } as Partial<V>);
  };
  return (
    <fieldset aria-invalid={form.errors[name] !== undefined}>
      <legend>{label}</legend>
      {options.map(([value, text]) => (
        <div key={value} class="field check">
          <input
            id={`${id}-${value}`}
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={({ currentTarget }) => toggle(value, currentTarget.checked)}
          />
          <label for={`${id}-${value}`}>
            <code>{value}</code>
          </label>
          <p class="hint">{text}</p>
        </div>
      ))}
      {form.errors[name] === undefined ? null : <p class="error">{sentence(form.errors[name])}</p>}
    </fieldset>
  );
}
