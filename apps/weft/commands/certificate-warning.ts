/** When a certificate that was not renewed is worth a word: renewal is at half of its life (Mesh `spec.certificates.lifetime`). */
import { parseDuration } from '@weft/core/kernel';

const DAY = 86_400_000;

/** ms before its end at which a certificate of `lifetime` should have been renewed long ago: a quarter of its life. */
export const warningBefore = (lifetime: string | undefined): number =>
  ((lifetime === undefined ? undefined : parseDuration(lifetime)) ?? DAY) / 4;
