import {
  changeVariable,
  createVariable,
  removeVariable,
  type Variable,
  type VariableLevel,
  type VariableOwner,
  variablesOf,
} from '../../project/variable.ts';
import { refuseIfChanged } from '../conditional.ts';
import { variableEntity } from '../entities/variable.ts';
import { refuse } from '../errors.ts';
import { requireGroup } from '../find-group.ts';
import { requireProject } from '../find-project.ts';
import type { InputShape } from '../input.ts';
import { PAGE_INPUT } from '../pagination.ts';
import { slicePage } from '../projects/people.ts';
import { type Access, type Call, json, noContent, type Route, route } from '../route.ts';

/** Where the variables of a level are, what one is called when it is missing (rest-resources 5). */
const LEVELS = {
  project: { path: '/api/v4/projects/:id/variables', name: 'Variable' },
  group: { path: '/api/v4/groups/:id/variables', name: 'GroupVariable' },
  instance: { path: '/api/v4/admin/ci/variables', name: 'InstanceVariable' },
} as const;

type OwnerCall = Pick<Call, 'caller' | 'rooms' | 'now' | 'path' | 'request' | 'baseUrl' | 'received'>;

function accessOf(level: VariableLevel): Access {
  return level === 'instance' ? { by: 'user', admin: true } : { by: 'user' };
}

function inputOf<S extends InputShape>(level: VariableLevel, shape: S) {
  return { ...shape, ...(level === 'instance' ? {} : { id: { type: 'string', required: true } as const }) };
}

/** Whose variables a call is about, if the caller may have them at all. */
async function ownerOf(call: OwnerCall, level: VariableLevel): Promise<VariableOwner> {
  const id = String(call.received.id);
  switch (level) {
    case 'instance':
      return { level, id: 0 };
    case 'group':
      return { level, id: (await requireGroup(call, id, 'admin_cicd_variables')).group.id };
    case 'project':
      return { level, id: (await requireProject(call, id, 'admin_cicd_variables')).project.id };
  }
}

const FILTER = { type: 'object', of: { environment_scope: { type: 'string' } } } as const;

/** The one variable with this key, in the scope of the filter if there is one; the instance's have no scope to filter by. */
async function findVariable(
  call: OwnerCall,
  owner: VariableOwner,
  key: string,
  scope: string | undefined,
): Promise<Variable> {
  const { db, encryption } = call.rooms;
  const all = await variablesOf(db.read, encryption, owner);
  const anyScope = scope === undefined || owner.level === 'instance';
  const found = all.filter(
    (variable) => variable.key === key && (anyScope || variable.environmentScope === scope),
  );
  if (found[0] === undefined) throw refuse.notFound(LEVELS[owner.level].name);
  if (found.length > 1) {
    throw refuse.conflict(
      "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
    );
  }
  return found[0];
}

function listRoute(level: VariableLevel): Route {
  return route({
    method: 'GET',
    path: LEVELS[level].path,
    access: accessOf(level),
    input: inputOf(level, PAGE_INPUT),
    async handle(call) {
      const owner = await ownerOf(call, level);
      const all = await variablesOf(call.rooms.db.read, call.rooms.encryption, owner);
      return slicePage(
        call,
        all.map((variable) => variableEntity(variable, level)),
      );
    },
  });
}

function showRoute(level: VariableLevel): Route {
  return route({
    method: 'GET',
    path: `${LEVELS[level].path}/:key`,
    access: accessOf(level),
    input: inputOf(level, { key: { type: 'string', required: true }, filter: FILTER }),
    async handle(call) {
      const { params } = call;
      const owner = await ownerOf(call, level);
      const variable = await findVariable(call, owner, params.key, params.filter?.environment_scope);
      return json(variableEntity(variable, level));
    },
  });
}

const TYPES = ['env_var', 'file'] as const;

function createRoute(level: VariableLevel): Route {
  return route({
    method: 'POST',
    path: LEVELS[level].path,
    access: accessOf(level),
    input: inputOf(level, {
      key: { type: 'string', required: true },
      value: { type: 'string', required: true },
      protected: { type: 'boolean', default: false },
      masked: { type: 'boolean', default: false },
      masked_and_hidden: { type: 'boolean', default: false },
      raw: { type: 'boolean', default: false },
      variable_type: { type: 'string', values: TYPES, default: 'env_var' },
      environment_scope: { type: 'string', default: '*' },
      description: { type: 'string', nullable: true, maxLength: 255 },
    }),
    async handle(call) {
      const { params, rooms, now } = call;
      const owner = await ownerOf(call, level);
      const values = {
        key: params.key.trim(),
        value: params.value,
        type: params.variable_type as Variable['type'],
        protected: params.protected,
        masked: params.masked || params.masked_and_hidden,
        hidden: params.masked_and_hidden,
        raw: params.raw,
        environmentScope: level === 'instance' ? '*' : params.environment_scope,
        description: params.description ?? null,
      };
      const result = await rooms.db.transaction((tx) =>
        createVariable(tx, rooms.encryption, owner, values, now),
      );
      if (!result.ok) throw refuse.invalid(result.errors);
      return json(variableEntity(result.variable, level), 201);
    },
  });
}

function changeRoute(level: VariableLevel): Route {
  return route({
    method: 'PUT',
    path: `${LEVELS[level].path}/:key`,
    access: accessOf(level),
    input: inputOf(level, {
      key: { type: 'string', required: true },
      value: { type: 'string' },
      protected: { type: 'boolean' },
      masked: { type: 'boolean' },
      raw: { type: 'boolean' },
      variable_type: { type: 'string', values: TYPES },
      environment_scope: { type: 'string' },
      description: { type: 'string', nullable: true, maxLength: 255 },
      filter: FILTER,
    }),
    async handle(call) {
      const { params, rooms, now } = call;
      const owner = await ownerOf(call, level);
      const variable = await findVariable(call, owner, params.key, params.filter?.environment_scope);
      const given = {
        value: params.value,
        type: params.variable_type as Variable['type'] | undefined,
        protected: params.protected,
        masked: params.masked,
        raw: params.raw,
        environmentScope: level === 'instance' ? undefined : params.environment_scope,
        description: params.description,
      };
      const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const result = await rooms.db.transaction((tx) =>
        changeVariable(tx, rooms.encryption, owner, variable, changes, now),
      );
      if (!result.ok) throw refuse.invalid(result.errors);
      return json(variableEntity(result.variable, level));
    },
  });
}

function deleteRoute(level: VariableLevel): Route {
  return route({
    method: 'DELETE',
    path: `${LEVELS[level].path}/:key`,
    access: accessOf(level),
    input: inputOf(level, { key: { type: 'string', required: true }, filter: FILTER }),
    async handle(call) {
      const { params, rooms } = call;
      const owner = await ownerOf(call, level);
      const variable = await findVariable(call, owner, params.key, params.filter?.environment_scope);
      refuseIfChanged(call, variable.updatedAt);
      await rooms.db.transaction((tx) => removeVariable(tx, variable.id));
      return noContent;
    },
  });
}

export const variableRoutes: readonly Route[] = (['project', 'group', 'instance'] as const).flatMap(
  (level) => [listRoute(level), showRoute(level), createRoute(level), changeRoute(level), deleteRoute(level)],
);
