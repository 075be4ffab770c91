/** Exactly the same type: neither is wider, and neither is `any`. */
export type Equal<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false

/** Fails to compile for anything but `true`. */
export type Expect<Holds extends true> = Holds

/** The type is `any`, which nothing here may be. */
export type IsAny<T> = 0 extends 1 & T ? true : false
