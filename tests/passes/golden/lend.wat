;; before
(module
 (func $f (param $0 i32)
  (local $1 i32)
  (loop $label
   (call $use
    (call $gr_once
     (local.get $0)
     (i64.const 5)
    )
   )
   (br_if $label
    (local.get $0)
   )
  )
  (call $gr_twice)
 )
 (func $g
  (call $gr_twice)
  (call $gr_pure)
 )
)

;; after
(module
 (func $f (param $0 i32)
  (local $1 i32)
  (local $2 i32)
  (local $3 i64)
  (local $4 i32)
  (local $scratch i32)
  (loop $label
   (local.set $2
    (block (result i32)
     (local.set $scratch
      (local.get $0)
     )
     (local.set $3
      (i64.const 5)
     )
     (local.get $scratch)
    )
   )
   (local.set $4
    (i32.const 0)
   )
   (call $use
    (block $block1 (result i32)
     (if
      (local.get $2)
      (then
       (block $block
        (br_if $block
         (i64.eqz
          (local.get $3)
         )
        )
        (br $block1
         (global.get $gimport$6)
        )
       )
      )
     )
     (local.set $4
      (i32.add
       (local.get $4)
       (local.get $2)
      )
     )
     (call $lent:inside
      (local.get $4)
     )
    )
   )
   (br_if $label
    (local.get $0)
   )
  )
  (call $gr_twice)
 )
 (func $g
  (call $gr_twice)
  (call $gr_pure)
 )
)

