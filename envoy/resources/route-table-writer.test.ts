import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '@weft/core/kernel';
import fc from 'fast-check';
import { type ClientProfile, ENVOY_PROFILE, GRPC_PROFILE, WEFT_PROFILE } from '../profile/index.ts';
import { routeConfiguration } from '../testing/rows/index.ts';
import { RouteTableWriter, writeRouteConfiguration } from './index.ts';

const said = (diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics.map(({ severity, code, message, place }) => `${severity} ${code} ${place.path} ${message}`).toSorted();

for (const profile of [WEFT_PROFILE, ENVOY_PROFILE, GRPC_PROFILE] satisfies ClientProfile[])
  test(`tables that share hosts have the bytes and findings that they have alone, for ${profile.engine}`, () => {
    fc.assert(
      fc.property(routeConfiguration, routeConfiguration, (one, other) => {
        const writer = new RouteTableWriter(profile);
        // A host without a domain is one that Envoy refuses.
        const faulty = other.virtualHosts.map((host) => ({ ...host, domains: [] }));
        const shared = { ...other, virtualHosts: [...faulty, ...one.virtualHosts] };
        for (const table of [one, shared, one]) {
          const [now, alone] = [writer.write(table), writeRouteConfiguration(table, profile)];
          assert.deepEqual(now.bytes, alone.bytes);
          assert.deepEqual(said(now.diagnostics), said(alone.diagnostics));
        }
      }),
      { numRuns: 60 },
    );
  });
