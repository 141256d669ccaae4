/** What a badge says, and the colour that goes with it (rest-resources 12.1). */
export interface BadgeValue {
  text: string;
  color: string;
}

const GREY = '#9f9f9f';
const GREEN = '#4c1';
const RED = '#e05d44';
const YELLOW = '#dfb317';

const STATUS_COLORS: Readonly<Record<string, string>> = {
  success: GREEN,
  failed: RED,
  running: YELLOW,
  pending: YELLOW,
  preparing: '#a7a7a7',
};

/** A pipeline's status; null: there is no pipeline. */
export function pipelineValue(status: string | null): BadgeValue {
  if (status === null) return { text: 'unknown', color: GREY };
  return {
    text: status === 'success' ? 'passed' : status.replaceAll('_', ' '),
    color: STATUS_COLORS[status] ?? GREY,
  };
}

/** Percentages from which a coverage is good, acceptable and medium. */
export interface Limits {
  good: number;
  acceptable: number;
  medium: number;
}

export const USUAL_LIMITS: Limits = { good: 95, acceptable: 90, medium: 75 };

/** A coverage in percent, null for none. */
export function coverageValue(coverage: number | null, limits: Limits): BadgeValue {
  if (coverage === null) return { text: 'unknown', color: GREY };
  const text = `${coverage.toFixed(2)}%`;
  if (coverage >= limits.good) return { text, color: GREEN };
  if (coverage >= limits.acceptable) return { text, color: '#a3c51c' };
  return { text, color: coverage >= limits.medium ? YELLOW : RED };
}
