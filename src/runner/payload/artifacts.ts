import { ARTIFACT_TYPES, type ArtifactType, formatOf } from '../../artifact/report-types.ts';
import type { BuildDefinition } from '../../pipeline/job-definition.ts';
import type { JobArtifact } from '../protocol.ts';

/** What a report is called when the job does not say (runner-api 5). */
const REPORT_NAMES: Partial<Record<ArtifactType, string>> = {
  junit: 'junit.xml',
  accessibility: 'gl-accessibility.json',
  codequality: 'gl-code-quality-report.json',
  sast: 'gl-sast-report.json',
  secret_detection: 'gl-secret-detection-report.json',
  dependency_scanning: 'gl-dependency-scanning-report.json',
  container_scanning: 'gl-container-scanning-report.json',
  cluster_image_scanning: 'gl-cluster-image-scanning-report.json',
  dast: 'gl-dast-report.json',
  license_scanning: 'gl-license-scanning-report.json',
  performance: 'performance.json',
  browser_performance: 'browser-performance.json',
  load_performance: 'load-performance.json',
  metrics: 'metrics.txt',
  lsif: 'lsif.json',
  scip: 'scip.json',
  dotenv: '.env',
  cobertura: 'cobertura-coverage.xml',
  jacoco: 'jacoco-coverage.xml',
  terraform: 'tfplan.json',
  requirements: 'requirements.json',
  requirements_v2: 'requirements_v2.json',
  coverage_fuzzing: 'gl-coverage-fuzzing.json',
  api_fuzzing: 'gl-api-fuzzing-report.json',
  cyclonedx: 'gl-sbom.cdx.json',
  annotations: 'gl-annotations.json',
  repository_xray: 'gl-repository-xray.json',
  sarif: 'gl-sarif.json',
};

/** `artifacts`: the archive if there is anything in it, then one for each report (runner-api 3). */
export function artifactsToUpload(artifacts: BuildDefinition['artifacts']): JobArtifact[] {
  if (artifacts === null) return [];
  const { paths, untracked, exclude, expireIn } = artifacts;
  const archive: JobArtifact[] =
    paths.length === 0 && !untracked
      ? []
      : [
          {
            name: artifacts.name,
            untracked,
            paths: paths.length === 0 ? null : paths,
            ...(exclude.length === 0 ? {} : { exclude }),
            when: artifacts.when,
            expire_in: expireIn,
            artifact_type: 'archive',
            artifact_format: 'zip',
          },
        ];
  const reports = Object.entries(artifacts.reports).flatMap(([type, files]): JobArtifact[] =>
    isType(type)
      ? [
          {
            name: REPORT_NAMES[type] ?? null,
            paths: files,
            when: 'always',
            expire_in: expireIn,
            artifact_type: type,
            artifact_format: formatOf(type),
          },
        ]
      : [],
  );
  return [...archive, ...reports];
}

function isType(type: string): type is ArtifactType {
  return (ARTIFACT_TYPES as readonly string[]).includes(type);
}
