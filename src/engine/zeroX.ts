import type { LaunchSpec } from './model/target';
import { planZeroXCommand, type ZeroXOptions, type ZeroXPlan } from './capture/zeroX/plan';
import { plainCommand } from './target/scripts';

/** Plans a capture by 0x of any launch; see `planZeroXCommand`. */
export function planZeroX(spec: LaunchSpec, options: ZeroXOptions): ZeroXPlan {
  const command = plainCommand(spec);
  if (command.state === 'shell') {
    const reason = `0x runs "node FILE" alone, and "${spec.label}" runs "${command.text}", which takes a shell.`;
    return { state: 'refused', reason };
  }
  return planZeroXCommand(command.spec, options);
}
