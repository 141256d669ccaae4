import { readCommit } from '../../git/commit.ts';
import { may, viewerOf } from '../../project/authorize.ts';
import { findProject, type Project } from '../../project/project.ts';
import { refuse } from '../errors.ts';
import { coverageOf, statusAt } from '../read/badges.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';
import { badgeSvg } from './svg.ts';
import { type BadgeValue, coverageValue, pipelineValue, USUAL_LIMITS } from './values.ts';

const MAX_KEY_TEXT = 64;
const MAX_KEY_WIDTH = 512;
const VALUE_WIDTH = 54;

/**
 * GET /<project path>/badges/<ref>/pipeline.svg and coverage.svg, and /<project path>/-/badges/release.svg
 * (rest-resources 12.1). Numbers are texts here: what does not fit falls back to the usual, so that a page never shows
 * a broken picture.
 */
const badge = route({
  method: 'GET',
  path: '/*project/badges/*badge',
  access: { by: 'user', anonymous: true },
  input: {
    project: { type: 'string', required: true },
    badge: { type: 'string', required: true },
    ignore_skipped: { type: 'boolean', default: false },
    job: { type: 'string' },
    key_text: { type: 'string' },
    key_width: { type: 'string' },
    style: { type: 'string' },
    min_good: { type: 'string' },
    min_acceptable: { type: 'string' },
    min_medium: { type: 'string' },
  },
  async handle(call) {
    const { params, rooms } = call;
    const [, path = '', dash] = /^(.+?\/.+?)(\/-)?$/s.exec(params.project) ?? [];
    const project = await readableProject(call, path);
    if (project === null) throw refuse.unknownPage();
    // Nothing is released here.
    if (dash !== undefined && params.badge === 'release.svg') {
      return picture(params, 'Latest Release', 90, { text: 'none', color: '#e05d44' });
    }
    const [, ref, kind] = /^(.+)\/(pipeline|coverage)\.svg$/s.exec(params.badge) ?? [];
    if (dash !== undefined || ref === undefined) throw refuse.unknownPage();
    if (kind === 'pipeline') return picture(params, 'pipeline', 62, await pipelineBadge(call, project, ref));
    const coverage = await coverageOf(rooms.db.read, project.id, ref, params.job ?? null);
    return picture(params, 'coverage', 62, coverageValue(coverage, limitsOf(params)));
  },
});

export const badgeRoutes: readonly Route[] = [badge];

/** The project, if the caller may read its pipelines: as everywhere, others cannot tell it from one that is not there. */
async function readableProject(call: Pick<Call, 'rooms' | 'caller' | 'now'>, path: string) {
  const { read } = call.rooms.db;
  const found = await findProject(read, path);
  if (found.kind === 'missing') return null;
  const viewer = await viewerOf(read, call.caller, found.project, call.now);
  return may(viewer, 'read_build') ? found.project : null;
}

async function pipelineBadge(
  call: Pick<Call<{ ignore_skipped: boolean }>, 'rooms' | 'params'>,
  project: Project,
  ref: string,
): Promise<BadgeValue> {
  const { db, repositories } = call.rooms;
  const head = await readCommit(repositories, project.id, ref);
  if (head === null) return pipelineValue(null);
  const skipped = !call.params.ignore_skipped;
  return pipelineValue(await statusAt(db.read, project.id, { ref, sha: head.sha, skipped }));
}

interface Looks {
  key_text?: string | undefined;
  key_width?: string | undefined;
  style?: string | undefined;
}

function picture(looks: Looks, key: string, keyWidth: number, value: BadgeValue): Answer {
  const { key_text: text, key_width: width, style } = looks;
  const asked = Number(width);
  const fits = Number.isInteger(asked) && asked >= 1 && asked <= MAX_KEY_WIDTH;
  const body = badgeSvg({
    key: text !== undefined && text !== '' && text.length <= MAX_KEY_TEXT ? text : key,
    keyWidth: fits ? asked : keyWidth,
    value: value.text,
    valueWidth: VALUE_WIDTH,
    color: value.color,
    flat: style === 'flat-square',
  });
  const headers = {
    'content-type': 'image/svg+xml',
    'cache-control': 'no-store, no-cache, must-revalidate, max-age=0',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  };
  return { status: 200, headers, body };
}

function limitsOf(params: Partial<Record<'min_good' | 'min_acceptable' | 'min_medium', string | undefined>>) {
  const limit = (text: string | undefined, usual: number) => {
    const value = Number(text);
    return text !== undefined && text !== '' && value >= 0 && value <= 100 ? value : usual;
  };
  return {
    good: limit(params.min_good, USUAL_LIMITS.good),
    acceptable: limit(params.min_acceptable, USUAL_LIMITS.acceptable),
    medium: limit(params.min_medium, USUAL_LIMITS.medium),
  };
}
