/** What fails on purpose: which share of a request's like the Faults of its route answer, before anything is sent on. */
import { compileHeader, type RequestView } from '@weft/core/decide';
import type { FaultFilter, Route } from '@weft/core/proxy-config';
import type { Failure, Routing } from './explanation.ts';

/** Each entry draws its own chance, in order; whose share is 0 is left out. */
export function failuresOf({ filterOverrides }: Route, request: RequestView, source: string | undefined): Failure[] {
  const failures: Failure[] = [];
  let left = 1;
  for (const { config } of filterOverrides) {
    if (config?.kind !== 'fault' || !holds(config, request)) continue;
    const { abort } = config;
    if (abort === undefined || abort.status.kind === 'header') continue;
    const { numerator, denominator } = abort.fraction;
    const share = left * Math.min(1, numerator / denominator);
    if (share === 0) continue;
    left -= share;
    const { kind, code } = abort.status;
    failures.push({
      status: kind === 'grpc' ? 200 : code,
      grpcStatus: kind === 'grpc' ? code : undefined,
      share,
      source,
    });
  }
  return failures;
}

const holds = ({ headers }: FaultFilter, request: RequestView): boolean =>
  headers.every((header) => compileHeader(header, () => {})(request, 'joined'));

export const failedShare = ({ failures = [] }: Routing): number => failures.reduce((sum, { share }) => sum + share, 0);

export const failureWord = ({ status, grpcStatus }: Failure): string =>
  `a Fault answers ${grpcStatus === undefined ? status : `gRPC status ${grpcStatus}`}`;
