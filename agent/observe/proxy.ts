/** Port: the proxy that the agent tells of, whichever engine it is. */
import type { TapRecord, TapRequest } from '@weft/core/tap';
import type { SeriesAmounts } from '@weft/core/traffic';

export interface ObservedProxy {
  /** What was counted since the last call. */
  take(): readonly SeriesAmounts[];
  /** Shows exchanges as they end, until it is closed; at most `request.rate` a second. `missed`: how many matched and were too many. */
  tap(request: TapRequest, shown: (record: TapRecord) => void, missed: (count: number) => void): { close(): void };
}
