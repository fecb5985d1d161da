;; before
(module
 (func $f (param $0 i32) (param $1 f32)
  (local $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (global.set $__stack_pointer
   (local.tee $2
    (i32.sub
     (global.get $__stack_pointer)
     (i32.const 16)
    )
   )
  )
  (local.set $3
   (i32.sub
    (local.get $2)
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
  (if
   (f32.lt
    (local.get $1)
    (f32.const 1e3)
   )
   (then
    (local.set $5
     (i32.trunc_f32_u
      (local.get $1)
     )
    )
   )
  )
  (local.set $4
   (i32.add
    (local.get $3)
    (i32.const 4)
   )
  )
  (global.set $__stack_pointer
   (local.get $3)
  )
  (i32.store
   (local.get $4)
   (local.get $5)
  )
  (call $use
   (local.get $3)
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
 (func $f (param $0 i32) (param $1 f32)
  (local $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $7 i32)
  (drop
   (local.tee $2
    (if (result i32)
     (i32.lt_u
      (local.tee $6
       (i32.sub
        (global.get $__stack_pointer)
        (i32.const 16)
       )
      )
      (global.get $port_stack_lo)
     )
     (then
      (call $port_stack_grow
       (local.get $6)
       (i32.const 16)
      )
     )
     (else
      (global.set $__stack_pointer
       (local.get $6)
      )
      (local.get $6)
     )
    )
   )
  )
  (local.set $3
   (call $port_sp_far
    (i32.sub
     (local.get $2)
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
  (if
   (f32.lt
    (local.get $1)
    (f32.const 1e3)
   )
   (then
    (local.set $5
     (i32.trunc_f32_u
      (local.get $1)
     )
    )
   )
  )
  (local.set $4
   (i32.add
    (local.get $3)
    (i32.const 4)
   )
  )
  (drop
   (local.get $3)
  )
  (i32.store
   (local.get $4)
   (local.get $5)
  )
  (call $use
   (local.get $3)
  )
  (if
   (i32.gt_u
    (i32.sub
     (local.tee $6
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
     (local.get $6)
    )
   )
   (else
    (global.set $__stack_pointer
     (local.get $6)
    )
   )
  )
 )
)

