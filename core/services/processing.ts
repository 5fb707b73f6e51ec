/** External processing: envoy.service.ext_proc.v3.ExternalProcessor/Process, one stream of messages an exchange. */
import type { BodyProcessing, MetadataStruct, ProcessingModes } from '../proxy-config/index.ts';
import type { HeaderChange } from './authorization.ts';

export type ProcessingPart =
  | 'request-headers'
  | 'response-headers'
  | 'request-body'
  | 'response-body'
  | 'request-trailers'
  | 'response-trailers';

/** One message to the service. */
export type ProcessingQuestion = {
  /** Bodies of both directions are processed so; stated with the first message alone. */
  readonly protocol: { readonly requestBody: BodyProcessing; readonly responseBody: BodyProcessing } | undefined;
  /** Attributes of the exchange by name, with the first part of each message; undefined: none. */
  readonly attributes: MetadataStruct | undefined;
} & (
  | {
      readonly part: 'request-headers' | 'response-headers';
      /** Lower-case names, pseudo-headers first. */
      readonly headers: readonly (readonly [name: string, value: string])[];
      /** There is no body. */
      readonly ends: boolean;
    }
  | {
      readonly part: 'request-trailers' | 'response-trailers';
      readonly trailers: readonly (readonly [name: string, value: string])[];
    }
  | {
      readonly part: 'request-body' | 'response-body';
      readonly body: Uint8Array;
      /** It is the last of the body. */
      readonly ends: boolean;
    }
);

/** What becomes of the body that was shown, or, with `replaces`, of the whole message. */
export type BodyChange = { readonly kind: 'keep' } | { readonly kind: 'set'; readonly body: Uint8Array };

/** One message of the service. */
export type ProcessingVerdict =
  | {
      readonly kind: 'common';
      readonly part: ProcessingPart;
      readonly set: readonly HeaderChange[];
      readonly remove: readonly string[];
      readonly body: BodyChange;
      /** CONTINUE_AND_REPLACE: `body` is the whole body, and no more of the message is processed. */
      readonly replaces: boolean;
      readonly clearsRoute: boolean;
      /** undefined: as before. */
      readonly modes: ProcessingModes | undefined;
    }
  /** The answer to the client, whatever else would come. */
  | {
      readonly kind: 'immediate';
      readonly status: number;
      readonly set: readonly HeaderChange[];
      readonly remove: readonly string[];
      readonly body: string;
      /** undefined: by the status. */
      readonly grpcStatus: number | undefined;
      /** `%RESPONSE_CODE_DETAILS%`; '': none was said. */
      readonly details: string;
    }
  /** More time for the message that is under way, in ms. */
  | { readonly kind: 'more-time'; readonly timeout: number };
