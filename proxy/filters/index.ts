/** HTTP filters of a connection manager, in the order of its configuration; each kind is a folder here. The router is not one of them. */
import type { HttpFilter } from '@weft/core/proxy-config';
import type { Exchange } from '../http/exchange.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { EngineRuntime } from '../ports.ts';
import type { BodyFilter } from './body-filter.ts';
import { GrpcWebFilter } from './grpc-web/filter.ts';
import { RbacFilter } from './rbac/filter.ts';

/** Why a filter refused a request. The details are for logs and metrics, never for the wire. */
export interface FilterRefusal {
  readonly error: 'access-denied';
  /** `%RESPONSE_CODE_DETAILS%` */
  readonly details: string;
  /** Source of the rule that refused, '' when none is known. */
  readonly source: string;
}

export interface RequestFilter {
  /** Undefined lets the request on. */
  onRequest(head: RequestHead): FilterRefusal | undefined;
  /** After `onRequest` let it on: takes part in the rest of the exchange, or not. At most one filter does, the first that wants to. */
  attach?(exchange: Exchange): BodyFilter | undefined;
}

/** Faults are told to `report`; a filter with a faulty rule is kept and refuses what that rule was about. */
export function compileFilters(
  filters: readonly HttpFilter[],
  runtime: EngineRuntime,
  statPrefix: string,
  report: (fault: string) => void,
): readonly RequestFilter[] {
  return filters.map((filter): RequestFilter => {
    switch (filter.kind) {
      case 'rbac':
        return new RbacFilter(filter, runtime, statPrefix, report);
      case 'grpc-web':
        return new GrpcWebFilter();
    }
  });
}
