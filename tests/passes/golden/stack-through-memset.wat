;; before
(module
 (func $f
  (local $0 i32)
  (global.set $__stack_pointer
   (local.tee $0
    (i32.sub
     (global.get $__stack_pointer)
     (i32.const 32)
    )
   )
  )
  (local.set $0
   (call $memset
    (local.get $0)
    (i32.const 0)
    (i32.const 32)
   )
  )
  (call $use
   (local.get $0)
  )
  (global.set $__stack_pointer
   (i32.add
    (local.get $0)
    (i32.const 32)
   )
  )
 )
)

;; after
(module
 (func $f
  (local $0 i32)
  (local $1 i32)
  (local $2 i32)
  (drop
   (local.tee $0
    (if (result i32)
     (i32.lt_u
      (local.tee $1
       (i32.sub
        (global.get $__stack_pointer)
        (i32.const 32)
       )
      )
      (global.get $port_stack_lo)
     )
     (then
      (call $port_stack_grow
       (local.get $1)
       (i32.const 16)
      )
     )
     (else
      (global.set $__stack_pointer
       (local.get $1)
      )
      (local.get $1)
     )
    )
   )
  )
  (local.set $0
   (call $memset
    (local.get $0)
    (i32.const 0)
    (i32.const 32)
   )
  )
  (call $use
   (local.get $0)
  )
  (if
   (i32.gt_u
    (i32.sub
     (local.tee $1
      (i32.add
       (local.get $0)
       (i32.const 32)
      )
     )
     (global.get $port_stack_lo)
    )
    (global.get $port_stack_size)
   )
   (then
    (call $port_stack_shrink
     (local.get $1)
    )
   )
   (else
    (global.set $__stack_pointer
     (local.get $1)
    )
   )
  )
 )
)

