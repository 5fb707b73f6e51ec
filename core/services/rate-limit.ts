/** Rate limits of a service: envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit. */
import type { MetadataStruct } from '../proxy-config/index.ts';

export interface RateLimitDescriptor {
  readonly entries: readonly (readonly [key: string, value: string])[];
}

export interface RateLimitQuestion {
  readonly domain: string;
  readonly descriptors: readonly RateLimitDescriptor[];
}

/** One descriptor's limit, where the service says it. */
export interface RateLimitStatus {
  readonly requestsPerUnit: number;
  /** Seconds of its unit; 0: not known. */
  readonly window: number;
  readonly name: string;
  readonly remaining: number;
  /** Seconds. */
  readonly untilReset: number;
}

export interface RateLimitVerdict {
  readonly overLimit: boolean;
  readonly statuses: readonly RateLimitStatus[];
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
  readonly responseHeaders: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly metadata: MetadataStruct;
}
