import './given.css';
import type { DeclaredInput } from './parameters.ts';

/** What the reader gave, as typed, by the input's name; absent ones keep their default. */
export type InputValues = Readonly<Record<string, string>>;

interface FieldsProps {
  inputs: readonly DeclaredInput[];
  values: InputValues;
  onChange(values: InputValues): void;
}

/** The inputs that the configuration declares: their types, options, defaults and descriptions. */
export function InputFields({ inputs, values, onChange }: FieldsProps) {
  return (
    <fieldset class="given">
      <legend>Inputs</legend>
      {inputs.map((input) => (
        <div key={input.name} class="given-row">
          <span class="field">
            <label for={`input-${input.name}`}>
              <code>{input.name}</code>
            </label>
            <span class="hint">
              {input.description ?? ''} {input.required ? '(required)' : ''}
            </span>
          </span>
          <InputField
            input={input}
            value={values[input.name] ?? shown(input.default)}
            onChange={(value) => onChange({ ...values, [input.name]: value })}
          />
        </div>
      ))}
    </fieldset>
  );
}

function InputField({
  input,
  value,
  onChange,
}: {
  input: DeclaredInput;
  value: string;
  onChange(value: string): void;
}) {
  const id = `input-${input.name}`;
  const options = input.type === 'boolean' ? [true, false] : input.options;
  if (options === null) {
    return (
      <input
        id={id}
        class="mono"
        required={input.required}
        inputMode={input.type === 'number' ? 'decimal' : 'text'}
        placeholder={input.type === 'array' ? '["one", "two"]' : ''}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  return (
    <select
      id={id}
      required={input.required}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {input.required ? <option value="">Choose</option> : null}
      {options.map((option) => (
        <option key={shown(option)} value={shown(option)}>
          {shown(option)}
        </option>
      ))}
    </select>
  );
}

/** A value as its field shows it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was typed as the types say; what is no number or list is sent as it is, so that the server says what is wrong. */
export function valuesOf(inputs: readonly DeclaredInput[], values: InputValues): Record<string, unknown> {
  const typeOf = new Map(inputs.map(({ name, type }) => [name, type]));
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeOf.get(name) === 'string' ? value : parsed(value),
    ]),
  );
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
