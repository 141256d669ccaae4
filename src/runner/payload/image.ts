import type { BuildDefinition } from '../../pipeline/job-definition.ts';
import type { JobImage, JobService } from '../protocol.ts';

type Image = BuildDefinition['services'][number];

/** `image`, or null for none. Names hold variables that the runner expands. */
export function imageOf(image: Image | null): JobImage | null {
  if (image === null) return null;
  return {
    name: image.name,
    ...(image.alias === undefined ? {} : { alias: image.alias }),
    entrypoint: image.entrypoint ?? null,
    ports: [],
    executor_opts: executorOptions(image),
    pull_policy: image.pullPolicy ?? null,
  };
}

/** `services`. */
export function servicesOf(services: readonly Image[]): JobService[] {
  return services.map((service) => ({
    name: service.name,
    entrypoint: service.entrypoint ?? null,
    ports: [],
    executor_opts: executorOptions(service),
    pull_policy: service.pullPolicy ?? null,
    ...(service.alias === undefined ? {} : { alias: service.alias }),
    command: service.command ?? null,
    variables: Object.entries(service.variables ?? {}).map(([key, value]) => ({ key, value })),
  }));
}

/** Only keys that runners know: an unknown one fails the job. */
function executorOptions({ docker, kubernetes }: Image): JobImage['executor_opts'] {
  return { ...(docker === undefined ? {} : { docker }), ...(kubernetes === undefined ? {} : { kubernetes }) };
}
