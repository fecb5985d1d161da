;; before
(module
 (func $f
  (local $0 i32)
  (local $1 i32)
  (local $2 i32)
  (local.set $0
   (i32.const -16)
  )
  (global.set $__stack_pointer
   (local.tee $2
    (local.tee $1
     (i32.add
      (global.get $__stack_pointer)
      (local.get $0)
     )
    )
   )
  )
  (call $use
   (local.get $1)
  )
  (global.set $__stack_pointer
   (local.tee $1
    (i32.add
     (local.get $0)
     (local.get $1)
    )
   )
  )
  (call $use
   (local.get $1)
  )
  (global.set $__stack_pointer
   (i32.add
    (local.get $2)
    (i32.const 16)
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
  (local $3 i32)
  (local $4 i32)
  (local.set $0
   (i32.const -16)
  )
  (drop
   (local.tee $2
    (local.tee $1
     (if (result i32)
      (i32.lt_u
       (local.tee $3
        (i32.add
         (global.get $__stack_pointer)
         (local.get $0)
        )
       )
       (global.get $port_stack_lo)
      )
      (then
       (call $port_stack_grow
        (local.get $3)
        (i32.const 16)
       )
      )
      (else
       (global.set $__stack_pointer
        (local.get $3)
       )
       (local.get $3)
      )
     )
    )
   )
  )
  (call $use
   (local.get $1)
  )
  (drop
   (local.tee $1
    (call $port_sp_far
     (i32.add
      (local.get $0)
      (block (result i32)
       (call $port_sp_up
        (local.tee $4
         (local.get $1)
        )
       )
       (local.get $4)
      )
     )
    )
   )
  )
  (call $use
   (local.get $1)
  )
  (if
   (i32.gt_u
    (i32.sub
     (local.tee $3
      (i32.add
       (local.get $2)
       (i32.const 16)
      )
     )
     (global.get $port_stack_lo)
    )
    (global.get $port_stack_size)
   )
   (then
    (call $port_stack_shrink
     (local.get $3)
    )
   )
   (else
    (global.set $__stack_pointer
     (local.get $3)
    )
   )
  )
 )
)

