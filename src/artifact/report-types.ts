/** What kinds of artifacts there are and how each must be packed (jobs-api 9, runner-api 5). */
const FORMATS = {
  archive: 'zip',
  metadata: 'gzip',
  trace: 'raw',
  junit: 'gzip',
  metrics: 'gzip',
  metrics_referee: 'gzip',
  network_referee: 'gzip',
  dotenv: 'gzip',
  cobertura: 'gzip',
  jacoco: 'gzip',
  cluster_applications: 'gzip',
  cyclonedx: 'gzip',
  annotations: 'gzip',
  repository_xray: 'gzip',
  lsif: 'zip',
  scip: 'zip',
  sast: 'raw',
  secret_detection: 'raw',
  dependency_scanning: 'raw',
  container_scanning: 'raw',
  cluster_image_scanning: 'raw',
  dast: 'raw',
  license_scanning: 'raw',
  accessibility: 'raw',
  codequality: 'raw',
  performance: 'raw',
  browser_performance: 'raw',
  load_performance: 'raw',
  terraform: 'raw',
  requirements: 'raw',
  requirements_v2: 'raw',
  coverage_fuzzing: 'raw',
  api_fuzzing: 'raw',
  sarif: 'raw',
} as const;

export type ArtifactType = keyof typeof FORMATS;
export type ArtifactFormat = (typeof FORMATS)[ArtifactType];

export const ARTIFACT_TYPES = Object.keys(FORMATS) as readonly ArtifactType[];
export const ARTIFACT_FORMATS: readonly ArtifactFormat[] = ['raw', 'zip', 'gzip'];

export function formatOf(type: ArtifactType): ArtifactFormat {
  return FORMATS[type];
}

/** Types that a runner may not upload: the server makes them itself. */
export const MADE_BY_SERVER: ReadonlySet<ArtifactType> = new Set(['metadata', 'trace']);

const NOT_DOWNLOADABLE: ReadonlySet<ArtifactType> = new Set([
  'metadata',
  'trace',
  'metrics_referee',
  'network_referee',
  'cluster_applications',
  'annotations',
  'repository_xray',
  'terraform',
  'coverage_fuzzing',
]);

/** Types that make a job findable by ref and name (jobs-api 5.2 and 9). */
export const DOWNLOADABLE: readonly ArtifactType[] = ARTIFACT_TYPES.filter(
  (type) => !NOT_DOWNLOADABLE.has(type),
);
