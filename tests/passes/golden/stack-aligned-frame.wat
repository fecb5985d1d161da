;; before
(module
 (func $f
  (local $0 i32)
  (local $1 i32)
  (global.set $__stack_pointer
   (local.tee $0
    (i32.and
     (i32.sub
      (local.tee $1
       (global.get $__stack_pointer)
      )
      (i32.const 96)
     )
     (i32.const -64)
    )
   )
  )
  (call $use
   (local.get $0)
  )
  (global.set $__stack_pointer
   (local.get $1)
  )
 )
)

;; after
(module
 (func $f
  (local $0 i32)
  (local $1 i32)
  (local $2 i32)
  (local $3 i32)
  (drop
   (local.tee $0
    (call $port_sp_far
     (i32.and
      (i32.sub
       (local.tee $1
        (global.get $__stack_pointer)
       )
       (i32.const 96)
      )
      (i32.const -64)
     )
    )
   )
  )
  (call $use
   (local.get $0)
  )
  (if
   (i32.gt_u
    (i32.sub
     (local.tee $2
      (local.get $1)
     )
     (global.get $port_stack_lo)
    )
    (global.get $port_stack_size)
   )
   (then
    (call $port_stack_shrink
     (local.get $2)
    )
   )
   (else
    (global.set $__stack_pointer
     (local.get $2)
    )
   )
  )
 )
)

