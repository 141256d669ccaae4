import { SOURCES } from '../../api/pipelines.ts';
import { query, setQuery } from '../../router.ts';
import { useQueryField } from '../../shell/field-state.ts';
import { SearchField } from '../../shell/search-field.tsx';
import { STATUS_WORDS } from '../../status.tsx';

/** Parameters of the address, and of the API, that choose pipelines. */
export const FILTERS = ['status', 'ref', 'source', 'username'] as const;

export function Filters() {
  const [ref, setRef] = useQueryField('ref');
  const [username, setUsername] = useQueryField('username');
  return (
    <search class="filters pipeline-filters">
      <Choice name="status" label="Status" all="Any status" options={STATUS_WORDS} />
      <SearchField label="Branch or tag" value={ref} onInput={(text) => setRef(text.trim())} />
      <Choice name="source" label="Source" all="Any source" options={SOURCES} />
      <input
        type="search"
        value={username}
        placeholder="User"
        aria-label="Name of the user who started it"
        onInput={(event) => setUsername(event.currentTarget.value.trim())}
      />
    </search>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  /** What no choice means. */
  all: string;
  options: readonly (readonly [value: string, words: string])[];
}

function Choice({ name, label, all, options }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={query.value.get(name) ?? ''}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value, page: null })}
    >
      <option value="">{all}</option>
      {options.map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  );
}
