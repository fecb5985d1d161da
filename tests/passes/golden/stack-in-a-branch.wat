;; before
(module
 (func $f (param $0 i32)
  (local $1 i32)
  (local $2 i32)
  (global.set $__stack_pointer
   (local.tee $1
    (i32.sub
     (global.get $__stack_pointer)
     (i32.const 16)
    )
   )
  )
  (local.set $2
   (local.get $1)
  )
  (if
   (local.get $0)
   (then
    (global.set $__stack_pointer
     (local.tee $2
      (i32.sub
       (local.get $1)
       (i32.and
        (i32.add
         (i32.shl
          (local.get $0)
          (i32.const 2)
         )
         (i32.const 15)
        )
        (i32.const -16)
       )
      )
     )
    )
   )
  )
  (call $use
   (local.get $2)
  )
  (global.set $__stack_pointer
   (i32.add
    (local.get $1)
    (i32.const 16)
   )
  )
 )
)

;; after
(module
 (func $f (param $0 i32)
  (local $1 i32)
  (local $2 i32)
  (local $3 i32)
  (local $4 i32)
  (drop
   (local.tee $1
    (if (result i32)
     (i32.lt_u
      (local.tee $3
       (i32.sub
        (global.get $__stack_pointer)
        (i32.const 16)
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
  (local.set $2
   (local.get $1)
  )
  (if
   (local.get $0)
   (then
    (drop
     (local.tee $2
      (call $port_sp_far
       (i32.sub
        (local.get $1)
        (i32.and
         (i32.add
          (i32.shl
           (local.get $0)
           (i32.const 2)
          )
          (i32.const 15)
         )
         (i32.const -16)
        )
       )
      )
     )
    )
   )
  )
  (call $use
   (local.get $2)
  )
  (if
   (i32.gt_u
    (i32.sub
     (local.tee $3
      (i32.add
       (local.get $1)
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

