;; before
(module
 (func $f (param $0 i32)
  (local $1 i32)
  (local $2 i32)
  (local $3 i32)
  (local.set $2
   (local.tee $1
    (global.get $__stack_pointer)
   )
  )
  (local.set $1
   (i32.and
    (local.get $1)
    (i32.const -64)
   )
  )
  (if
   (local.get $0)
   (then
    (call $use
     (local.get $0)
    )
    (global.set $__stack_pointer
     (local.tee $3
      (i32.and
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
       (i32.const -64)
      )
     )
    )
    (call $use
     (local.get $3)
    )
   )
  )
  (global.set $__stack_pointer
   (local.get $2)
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
  (local $5 i32)
  (local $scratch i32)
  (local.set $2
   (local.tee $1
    (global.get $__stack_pointer)
   )
  )
  (local.set $1
   (call $port_sp_far
    (i32.and
     (local.get $1)
     (i32.const -64)
    )
   )
  )
  (if
   (local.get $0)
   (then
    (call $use
     (local.get $0)
    )
    (call $port_sp_up
     (local.tee $5
      (block (result i32)
       (local.set $scratch
        (local.get $1)
       )
       (local.set $4
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
       (local.get $scratch)
      )
     )
    )
    (drop
     (local.tee $3
      (call $port_sp_far
       (i32.and
        (i32.sub
         (local.get $5)
         (local.get $4)
        )
        (i32.const -64)
       )
      )
     )
    )
    (call $use
     (local.get $3)
    )
   )
  )
  (if
   (i32.gt_u
    (i32.sub
     (local.tee $4
      (local.get $2)
     )
     (global.get $port_stack_lo)
    )
    (global.get $port_stack_size)
   )
   (then
    (call $port_stack_shrink
     (local.get $4)
    )
   )
   (else
    (global.set $__stack_pointer
     (local.get $4)
    )
   )
  )
 )
)

