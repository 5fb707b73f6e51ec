/** What was measured of each ServiceLevel last. */
import type { BurnAlert } from '../resources/index.ts';

/** `/weft/v1/servicelevels` */
export interface ServiceLevelsDocument {
  readonly serviceLevels: readonly LevelState[];
}

export interface LevelState {
  readonly namespace: string;
  readonly name: string;
  /** `Service/orders` */
  readonly target: string;
  readonly window: string;
  /** Unix ms of the measurement. */
  readonly at: number;
  readonly objectives: readonly ObjectiveState[];
  /** Why it could not be measured, '' when it was. */
  readonly problem: string;
}

export interface ObjectiveState {
  readonly objective: string;
  /** Share of good requests over the window, 0 to 1; absent: no requests. */
  readonly good?: number | undefined;
  /** Share of the window's budget that is left; below 0: overdrawn. */
  readonly budgetLeft?: number | undefined;
  readonly alerts: readonly AlertState[];
}

export interface AlertState {
  readonly severity: BurnAlert['severity'];
  readonly long: string;
  readonly short: string;
  readonly limit: number;
  /** Times faster than allowed, over both; absent: no requests. */
  readonly burnLong?: number | undefined;
  readonly burnShort?: number | undefined;
  readonly burning: boolean;
}
