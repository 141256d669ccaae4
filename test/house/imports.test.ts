import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { cycles, importsOf, importTable, productImports, violation } from './imports.ts';

const table = importTable(readFileSync('docs/architecture.md', 'utf8'));

describe('the house', () => {
  const { files, imports } = productImports();

  it('is looked at whole', () => {
    assert.equal(table.size, 12);
    assert.ok(files.length >= 100, `only ${files.length} sources were seen`);
    assert.ok(imports.length > files.length);
  });

  it('keeps to the import table of docs/architecture.md', () => {
    const wrong = imports.flatMap((one) => {
      const why = violation(one, table);
      return why === null ? [] : [`${one.file} → ${one.target}: ${why}`];
    });
    assert.deepEqual(wrong, []);
  });

  it('has no import cycles', () => {
    assert.deepEqual(cycles(imports), []);
  });

  it('has no file that nobody imports', () => {
    const imported = new Set(imports.map((one) => one.target));
    const entries = new Set(['src/main.ts']);
    assert.deepEqual(
      files.filter((file) => !imported.has(file) && !entries.has(file)),
      [],
    );
  });
});

describe('the import rules', () => {
  const planted: [string, string, string][] = [
    ['src/config/compile.ts', "import { x } from '../db/database.ts';", 'config may not import db'],
    ['src/git/refs.ts', "import type { X } from '../pipeline/create.ts';", 'git may not import pipeline'],
    ['src/api/jobs/list.ts', "import { seed } from '../../pipeline/create/seed.ts';", 'deeper than one'],
    ['src/runner/verify.ts', "import { q } from '../pipeline/queries.ts';", 'private to its room'],
    ['src/pipeline/advance.ts', "import { sql } from 'kysely';", 'only queries.ts'],
    ['src/builtin-runner/loop.ts', "import { x } from '../runner/protocol.ts';", 'any GitLab'],
    ['src/queue/claim.ts', "import { x } from '../server.ts';", 'composition'],
    ['src/queue/claim.ts', "const x = await import('../pipeline/job.ts');", 'queue may not import pipeline'],
    ['src/api/jobs/list.ts', "export { x } from '../../cron/coordinator.ts';", 'api may not import cron'],
  ];
  for (const [file, text, why] of planted) {
    it(`find a planted violation: ${file}: ${text}`, () => {
      const found = importsOf(file, text).map((one) => violation(one, table));
      assert.equal(found.length, 1);
      assert.match(found[0] ?? '', new RegExp(why));
    });
  }

  it('find a planted cycle', () => {
    const imports = [
      ...importsOf('src/a/x.ts', "import { y } from './y.ts';"),
      ...importsOf('src/a/y.ts', "import { x } from './x.ts';"),
    ];
    assert.deepEqual(cycles(imports), ['src/a/x.ts → src/a/y.ts → src/a/x.ts']);
  });

  it('let through what is allowed', () => {
    const allowed = [
      ...importsOf(
        'src/pipeline/queries.ts',
        "import { sql } from 'kysely';\nimport type { JobsTable } from '../db/tables/pipeline.ts';",
      ),
      ...importsOf('src/builtin-runner/loop.ts', "import type { JobPayload } from '../runner/protocol.ts';"),
      ...importsOf('src/api/jobs/list.ts', "import {\n  a,\n  b,\n} from '../../pipeline/job.ts';"),
    ];
    assert.equal(allowed.length, 4);
    assert.deepEqual(
      allowed.map((one) => violation(one, table)).filter((why) => why !== null),
      [],
    );
  });
});
