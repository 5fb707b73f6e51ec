/** `/weft/v1/servicelevels`: what was measured of each ServiceLevel last; and what `check` says of them. */
import { answer, type ExtraRoute, hasRole } from '@weft/control/api';
import type { ServiceLevels } from '@weft/control/service-levels';
import type { LevelState, ServiceLevelsDocument } from '@weft/core/documents';
import type { Diagnostic } from '@weft/core/kernel';

export const serviceLevelPages = (levels: ServiceLevels): ExtraRoute[] => [
  {
    method: 'GET',
    path: '/weft/v1/servicelevels',
    allowed: (user) => hasRole(user, 'view'),
    run: () => answer({ serviceLevels: levels.states } satisfies ServiceLevelsDocument),
  },
];

const times = (burn: number | undefined): string => (burn === undefined ? '?' : burn.toFixed(1));

/** A budget that burns too fast, and what could not be measured. */
export function serviceLevelFindings(states: readonly LevelState[]): Diagnostic[] {
  return states.flatMap(({ namespace, name, problem, objectives }): Diagnostic[] => {
    const place = { object: `ServiceLevel/${namespace}/${name}` };
    if (problem !== '')
      return [{ severity: 'warning', code: 'not-measured', message: `could not be measured: ${problem}`, place }];
    return objectives.flatMap(({ objective, alerts, budgetLeft }) =>
      alerts
        .filter(({ burning }) => burning)
        .map(
          ({ severity, long, short, burnLong, burnShort, limit }): Diagnostic => ({
            severity: severity === 'Page' ? 'error' : 'warning',
            code: 'budget-burns',
            message: `${objective}: the budget burns ${times(burnLong)} times too fast over ${long} and ${times(burnShort)} over ${short} (limit ${limit}), ${budgetLeft === undefined ? '?' : Math.round(budgetLeft * 100)}% of it is left`,
            place,
            remedy: 'see what fails with `weft stat` and `weft tap`, and what changed before it',
          }),
        ),
    );
  });
}
