// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @dev What a membership registry asks of OperatorStaking, with income that a test sets as it likes.
contract FakeStaking {
    error InsufficientCredit(uint32 id, uint128 wanted, uint128 credit);

    struct Income {
        address payee;
        uint128 credit;
        uint40 goodSince;
    }

    mapping(uint32 id => Income) public incomeOf;
    mapping(address node => uint32 id) public operatorOf;
    uint256 public drawn;

    function set(uint32 id, address payee, uint128 credit, uint40 goodSince) external {
        incomeOf[id] = Income(payee, credit, goodSince);
    }

    function setNode(address node, uint32 id) external {
        operatorOf[node] = id;
    }

    function payeeOf(uint32 id) external view returns (address) {
        return incomeOf[id].payee;
    }

    function drawIncome(uint32 id, uint128 amount) external {
        Income storage income = incomeOf[id];
        if (amount > income.credit) revert InsufficientCredit(id, amount, income.credit);
        income.credit -= amount;
        drawn += amount;
    }
}
