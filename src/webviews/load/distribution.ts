import { decodeFromCompressedBase64, type JsHistogram } from 'hdr-histogram-js';
import * as model from '../../engine/model/distribution';

export type { Distribution, Point } from '../../engine/model/distribution';

/**
 * Reads an HdrHistogram (V2, compressed, base64) of microseconds; undefined where it holds nothing.
 * Throws where it is none.
 */
export function readDistribution(base64: string): model.Distribution | undefined {
  return model.readDistribution(base64, (text) => decodeFromCompressedBase64(text, 32, false) as JsHistogram);
}
