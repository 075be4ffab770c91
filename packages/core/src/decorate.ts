import { OptionError } from './errors'
import { type ApprovalOptions, type GateFinder, wrapFunction } from './wrap'

/** A method decorator for both systems: TC39 and legacy (`experimentalDecorators`). Takes async methods only. */
export interface ApprovalDecorator {
  // It gives back the gated method; saying `void` leaves the method's type as it is, generics and overloads included.
  <This, Args extends never[]>(
    method: (this: This, ...args: Args) => Promise<unknown>,
    context: ClassMethodDecoratorContext<This>,
  ): void
  <Method extends (...args: never[]) => Promise<unknown>>(
    prototype: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): TypedPropertyDescriptor<Method>
}

/** Makes the decorator. The gate is looked for at each call, so classes may load before it exists. */
export function decorate(options: ApprovalOptions, gate: GateFinder): ApprovalDecorator {
  return ((target: unknown, context: unknown, descriptor: PropertyDescriptor | undefined) =>
    // TC39 hands a context object as the second argument, legacy a property name.
    typeof context === 'object' && context !== null
      ? decorateStandard(target, context as ClassMethodDecoratorContext, options, gate)
      : decorateLegacy(descriptor, options, gate)) as ApprovalDecorator
}

function decorateStandard(
  method: unknown,
  context: ClassMethodDecoratorContext,
  options: ApprovalOptions,
  gate: GateFinder,
): unknown {
  if (context.kind !== 'method')
    throw new OptionError('requiresApproval', `decorates methods, not a ${context.kind}`)
  return wrapFunction(method, options, gate, true)
}

function decorateLegacy(
  descriptor: PropertyDescriptor | undefined,
  options: ApprovalOptions,
  gate: GateFinder,
): PropertyDescriptor {
  if (typeof descriptor?.value !== 'function')
    throw new OptionError('requiresApproval', 'decorates methods only')
  return { ...descriptor, value: wrapFunction(descriptor.value, options, gate, true) }
}
