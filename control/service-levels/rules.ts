/** Prometheus' rules for those who have a Prometheus: what the control plane measures, recorded and alerted there. Pure. */
import type { BurnAlert, Objective, ServiceLevel } from '@weft/core/resources';
import { badShare, budgetOf, objectiveText, promDuration } from './queries.ts';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

export const prometheusRules = (levels: readonly ServiceLevel[]): RuleFile => ({
  groups: levels.map((level) => ({
    name: `weft-service-level-${level.metadata.namespace}-${level.metadata.name}`,
    rules: level.spec.objectives.flatMap((objective) => [
      recorded(level, objective),
      ...level.spec.alerts.map((alert) => alerting(level, objective, alert)),
    ]),
  })),
});

const labelsOf = ({ metadata }: ServiceLevel, objective: Objective): Record<string, string> => ({
  namespace: metadata.namespace,
  service_level: metadata.name,
  objective: objectiveText(objective),
});

const recorded = (level: ServiceLevel, objective: Objective): Rule => ({
  record: 'weft_service_level_bad_share',
  expr: badShare(level, objective, level.spec.window),
  labels: { ...labelsOf(level, objective), window: level.spec.window },
});

function alerting(level: ServiceLevel, objective: Objective, { long, short, burnRate, severity }: BurnAlert): Rule {
  const limit = Number((burnRate * budgetOf(objective)).toPrecision(12));
  return {
    alert: 'WeftServiceLevelBurning',
    expr: `(${badShare(level, objective, long)}) >= ${limit} and (${badShare(level, objective, short)}) >= ${limit}`,
    labels: { ...labelsOf(level, objective), severity: severity.toLowerCase(), long: promDuration(long) },
    annotations: {
      summary: `${level.metadata.namespace}/${level.metadata.name}: of ${objectiveText(objective)} the budget burns ${burnRate} times too fast`,
    },
  };
}
