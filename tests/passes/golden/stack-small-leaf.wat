;; before
(module
 (func $f (result i32)
  (i32.load
   (i32.sub
    (global.get $__stack_pointer)
    (i32.const 112)
   )
  )
 )
)

;; after
(module
 (func $f (result i32)
  (i32.load
   (i32.sub
    (global.get $__stack_pointer)
    (i32.const 112)
   )
  )
 )
)

